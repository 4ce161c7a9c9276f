"""Pages of what is paid: subsidies, commission sheets, dealer returns."""
