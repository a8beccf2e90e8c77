"""Know-how of statistics: pure functions, frame in, frame out.

`build_figures`, `protect`, `compare` and what summary_tables calls run every night; the others
answer a question that no table of the contract holds, and are called by name. Each is explained,
with its formula and an example of three councils, in docs/methods.md.

| question | function | method |
|---|---|---|
| figures from answers | figures.build_figures | M1, M2, M6, M7 |
| where every council stands | compare.compare | M3 to M10 |
| what must be hidden | disclosure.protect | M14 |
| what a reader can compute of it | disclosure_attack.attack | M14 |
| who is like whom | neighbours.nearest_neighbours | M13 |
| how far breakdowns lie apart | breakdown_gaps.gaps, inequality_indices | M0 |
| a stated figure and its parts | reconcile_* of validations.rules.tolerance | M1 |
| ranks and bands as others make them | position_options.ranks, bands | M4, M5 |
| how sure ranks are in a large group | rank_analytic.rank_quantiles | M4 |
| rates that allow for ages | standardised.directly_standardised, indirectly_standardised | M6, M7 |
| control limits, overdispersion | funnel.funnel | M8 |
| verdicts as others make them | versus_options.overlap_words, two_level_words | M8 |
| how much a year | sen_slope.sen_slopes | M10 |
| shares improved, beside chance | sector.sector_summary | M11 |
| did councils come closer | narrowing.narrowing | M11 |
| where a council is worse beyond chance | watch_list.watch_list, chance.beyond_chance | M8 |
| whom it could ask | finder.find_practice | M8 |
| money freed of inflation | real_terms.real_terms, yearly_index | M12 |
"""
