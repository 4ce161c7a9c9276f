"""The organisation as finished values for pages, exports and the API."""
