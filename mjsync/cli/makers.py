"""What makes one part of a mail from another, by the name that kinds know it under."""

from collections.abc import Mapping

from mjsync.manifest.bodies import Maker

MAKERS: Mapping[str, Maker] = {}
