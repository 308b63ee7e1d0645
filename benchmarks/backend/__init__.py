"""What `bench_backend` is made of."""
