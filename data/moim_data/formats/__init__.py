"""Files of other programs, in and out: each import gives records, a report, and no surprises."""
