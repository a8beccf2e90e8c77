"""What is acceptable: findings, rules, suites, messages. It judges, it changes nothing."""
