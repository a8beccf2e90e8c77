"""What runs, when and with what: jobs, schedules, sensors, resources, settings, command line."""
