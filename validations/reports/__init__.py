"""Pages and tables for the people who must act on findings: councils, the hub, officers.

Here belongs how findings are shown; what is wrong is said by validations.rules and by
validations.suites. Pages quote returns, so they are private: they lie in the home, never in a
release.
"""
