"""Read manifest files into layers of values with positions."""
