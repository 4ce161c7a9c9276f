"""Writing what is paid: entitlements, dealer returns, commission sheets."""
