"""Who a visitor is: sessions, logins, and how they end."""
