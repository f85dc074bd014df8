"""What runs: views, the greenlets they are made of, their events and waits."""
