"""Who wins the monthly competition between the business units."""
