"""What the district pays: entitlements of the units, commissions of dealers and staff."""
