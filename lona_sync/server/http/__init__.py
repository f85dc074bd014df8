"""Plain HTTP: requests and their bodies, answers, and who may ask."""
