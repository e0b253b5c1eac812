"""A person's likeness: capture, permission, use, and the record of all three."""

from cameos.models.cameo import Cameo, Reference, VaultKey
from cameos.models.capture import CameoCapture, Challenge, ReleaseAgreement, Upload
from cameos.models.grant import GrantedPerson, LikenessGrant, PermitRecord
from cameos.models.ledger import LedgerEntry
from cameos.models.use import LikenessUse

__all__ = [
    "Cameo",
    "CameoCapture",
    "Challenge",
    "GrantedPerson",
    "LedgerEntry",
    "LikenessGrant",
    "LikenessUse",
    "PermitRecord",
    "Reference",
    "ReleaseAgreement",
    "Upload",
    "VaultKey",
]
