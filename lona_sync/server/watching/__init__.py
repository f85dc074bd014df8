"""What operators see: numbers, running views, who blocks the others, a shell."""
