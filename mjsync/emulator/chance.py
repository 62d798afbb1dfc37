"""Texts that look random and are the same in every run."""

import hashlib
import string

SMALL = string.ascii_lowercase + string.digits


def letters(seed: str, length: int, *, capitals: bool = False) -> str:
    """So many letters and digits, made from the seed."""
    alphabet = SMALL + string.ascii_uppercase if capitals else SMALL
    return "".join(alphabet[byte % len(alphabet)] for byte in hashlib.sha256(seed.encode()).digest()[:length])
