"""A person's likeness: capture, permission, use, and the record of all three."""

from cameos.models.cameo import Cameo, Reference, VaultKey
from cameos.models.capture import CameoCapture, Challenge, ReleaseAgreement, Upload
from cameos.models.carried import CarriedLedger
from cameos.models.grant import (
    Audience,
    Companions,
    GrantedPerson,
    LikenessGrant,
    PermitRecord,
    Purpose,
)
from cameos.models.ledger import LedgerEntry, LedgerHead
from cameos.models.licence import Licence, PriceCard
from cameos.models.never import NeverMe
from cameos.models.use import Ending, LikenessUse

__all__ = [
    "Audience",
    "Cameo",
    "CameoCapture",
    "CarriedLedger",
    "Challenge",
    "Companions",
    "Ending",
    "GrantedPerson",
    "LedgerEntry",
    "LedgerHead",
    "Licence",
    "LikenessGrant",
    "LikenessUse",
    "NeverMe",
    "PermitRecord",
    "PriceCard",
    "Purpose",
    "Reference",
    "ReleaseAgreement",
    "Upload",
    "VaultKey",
]
