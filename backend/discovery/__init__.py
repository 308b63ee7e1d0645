"""Finding a professional: profiles together with what is free, which only the bookings know."""
