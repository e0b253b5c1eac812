"""What a word of a product's title looks like, cut from paper, on 240 x 240.

`i` is filled with the ink, `p` with the second paper, `l` is a line. The first that is named wins: special words
stand before general ones.
"""

# ruff: noqa: E501 - path data reads no better in pieces

MOTIFS: dict[str, str] = {
    "puppets theatre": '<path class="i" d="M52 60h136v132H52z"/><path class="p" d="M80 76h80v100H80z"/><path class="i" d="M52 60h136v22q-17 18-34 0-17 18-34 0-17 18-34 0-17 18-34 0z"/><circle class="i" cx="120" cy="124" r="13"/><path class="i" d="M96 176q24-60 48 0z"/>',
    "mug": '<path class="i" d="M70 82h84v96q0 12-12 12H82q-12 0-12-12z"/><path class="l" d="M154 104q32-4 32 24t-32 26"/><path class="p" d="M84 112h56v12H84z"/>',
    "lantern torch candle": '<path class="i" d="M92 92h56l10 78H82z"/><path class="p" d="M104 104h32l6 52H98z"/><path class="i" d="M86 170h68v14H86zM96 78h48l6 14H90zM108 64q12-20 24 0v14h-24z"/>',
    "ball bags": '<circle class="i" cx="120" cy="124" r="58"/><path class="p" d="M70 96q50 30 100 0-50 62-100 0zM120 182q-22-28 0-56 22 28 0 56z"/>',
    "boat": '<path class="i" d="M58 146h124l-24 36H84zM116 58h7v84h-7z"/><path class="p" d="M128 66l46 72h-46z"/><path class="i" d="M110 78l-36 60h36z"/>',
    "kite": '<path class="i" d="M120 44l52 66-52 74-52-74z"/><path class="p" d="M120 44l52 66h-52zM120 110v74l-52-74z"/><path class="l" d="M120 184q22 14 4 26"/>',
    "umbrella": '<path class="i" d="M48 126a72 72 0 0 1 144 0q-18-16-36 0-18-16-36 0-18-16-36 0-18-16-36 0z"/><path class="l" d="M120 54v118q0 18 17 18t17-16"/>',
    "skateboard": '<path class="i" d="M44 110q4 20 26 20h100q22 0 26-20l8 4q-4 30-34 30H70q-30 0-34-30z"/><circle class="p" cx="84" cy="158" r="15"/><circle class="p" cx="156" cy="158" r="15"/>',
    "balloon": '<ellipse class="i" cx="96" cy="100" rx="34" ry="42"/><ellipse class="p" cx="146" cy="90" rx="32" ry="40"/><path class="l" d="M96 142q10 24-4 54M146 130q-12 30-40 66"/>',
    "guitar": '<path class="i" d="M152 54l18 18-48 50q14 12 6 30-14 36-46 24-34-10-24-44 8-20 28-16 8-2 16-12z"/><circle class="p" cx="98" cy="146" r="12"/>',
    "bell whistle": '<path class="i" d="M70 162q16-12 16-52 0-36 34-36t34 36q0 40 16 52z"/><circle class="i" cx="120" cy="176" r="13"/><path class="p" d="M100 104q2-16 18-18v60h-22q4-22 4-42z"/>',
    "camera": '<path class="i" d="M56 90h34l12-18h36l12 18h34v84H56z"/><circle class="p" cx="120" cy="130" r="30"/><circle class="i" cx="120" cy="130" r="14"/>',
    "glass sunglasses": '<path class="i" d="M48 104h144v14q-4 38-34 38t-34-36h-8q-4 36-34 36t-34-38z"/><path class="p" d="M60 116h40q-4 26-18 26t-22-26zM140 116h40q-8 26-22 26t-18-26z"/>',
    "drum": '<path class="i" d="M62 92h116v66q-58 36-116 0z"/><ellipse class="p" cx="120" cy="92" rx="58" ry="20"/><path class="l" d="M150 40l-26 46M96 42l20 42"/>',
    "can watering": '<path class="i" d="M82 98h72v82H82zM82 130L44 98l8-8 30 22z"/><path class="l" d="M154 110q32 2 32 30t-32 26M92 98q26-44 52 0"/>',
    "basket picnic blanket": '<path class="i" d="M56 116h128l-16 66H72z"/><path class="l" d="M78 116q42-76 84 0"/><path class="p" d="M72 130h96l-4 12H75zM78 154h84l-4 12H81z"/>',
    "teddy": '<circle class="i" cx="84" cy="82" r="20"/><circle class="i" cx="156" cy="82" r="20"/><circle class="i" cx="120" cy="120" r="54"/><ellipse class="p" cx="120" cy="138" rx="25" ry="20"/><circle class="p" cx="101" cy="110" r="6"/><circle class="p" cx="139" cy="110" r="6"/><ellipse class="i" cx="120" cy="131" rx="9" ry="6"/>',
    "globe": '<circle class="i" cx="120" cy="112" r="58"/><circle class="p" cx="120" cy="112" r="48"/><path class="i" d="M78 170h84l10 22H68zM120 78l26 44H94zM113 122h14v22h-14z"/>',
    "coat suit robe overalls": '<path class="i" d="M92 56h56l34 30-14 30-14-10v82H86v-82l-14 10-14-30z"/><path class="p" d="M104 56h32l-16 34z"/><path class="l" d="M120 90v98"/>',
    "hoodie tee": '<path class="i" d="M90 62q30 22 60 0l38 26-18 32-16-10v70H86v-70l-16 10-18-32z"/><path class="p" d="M88 128h64v12H88zM88 150h64v12H88z"/>',
    "hat beanie": '<path class="i" d="M82 128q0-66 38-66t38 66z"/><ellipse class="i" cx="120" cy="138" rx="78" ry="18"/><path class="p" d="M82 114h76l1 14H81z"/>',
    "scarf tie belt": '<path class="i" d="M64 74q56 26 112 0l6 28q-30 12-46 14l14 66h-32l-8-64q-28-2-52-16z"/><path class="p" d="M117 158h29l2 10h-30z"/>',
    "socks gloves": '<path class="i" d="M96 52h48v72l30 28q16 20-6 32-14 8-28-4l-44-40z"/><path class="p" d="M96 64h48v14H96z"/>',
    "dress": '<path class="i" d="M98 54h10l12 16 12-16h10v44l36 86H62l36-86z"/><circle class="p" cx="106" cy="130" r="7"/><circle class="p" cx="136" cy="146" r="7"/><circle class="p" cx="102" cy="164" r="7"/>',
    "sneakers boots": '<path class="i" d="M62 88h44q8 34 56 40 24 6 22 32H62z"/><path class="p" d="M58 160h128v16H58z"/>',
    "tote rucksack": '<path class="i" d="M70 96h100l8 90H62z"/><path class="l" d="M92 96q0-42 28-42t28 42"/><path class="p" d="M92 126h56v34H92z"/>',
    "poster calendar": '<path class="i" d="M70 48h100v144H70z"/><path class="p" d="M80 58h80v124H80z"/><circle class="i" cx="136" cy="88" r="16"/><path class="i" d="M80 182v-40q26-34 50 0 14-18 30-4v44z"/>',
    "book diary made": '<path class="i" d="M64 60h96q16 0 16 16v112H80q-16 0-16-16z"/><path class="p" d="M78 172q0-10 12-10h74v16H90q-12 0-12-6z"/><path class="p" d="M96 84h52v10H96z"/>',
    "scissors": '<path class="l" d="M76 164L160 56M164 164L80 56"/><circle class="i" cx="68" cy="172" r="20"/><circle class="i" cx="172" cy="172" r="20"/><circle class="p" cx="68" cy="172" r="9"/><circle class="p" cx="172" cy="172" r="9"/>',
    "stamp": '<path class="i" d="M104 58q16-12 32 0 8 14-4 40-2 22 24 30v24H84v-24q26-8 24-30-12-26-4-40z"/><path class="p" d="M76 162h88v18H76z"/>',
    "tape": '<circle class="i" cx="114" cy="120" r="56"/><circle class="p" cx="114" cy="120" r="26"/><path class="i" d="M114 158h78v18h-78z"/>',
    "pencils ink stage": '<path class="i" d="M150 50l26 26-86 88-36 12 10-38z"/><path class="p" d="M138 62l26 26-12 12-26-26z"/>',
    "paper sticker cards bookmark": '<path class="i" d="M64 78l88-16 20 106-88 16z"/><path class="p" d="M82 62h92v114H82z"/><path class="i" d="M100 92q10-14 28 4 18-18 28-4 8 20-28 44-36-24-28-44z"/>',
}
