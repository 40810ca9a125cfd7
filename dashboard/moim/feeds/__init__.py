"""iCalendar feeds at secret addresses."""
