"""The optimiser of matrices: its shortcut through the small square gives what the long way gives."""

import torch

from model.muon import A, B, C, orthogonalise


def the_long_way(x: torch.Tensor, steps: int = 5) -> torch.Tensor:
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = x @ x.mT
        x = A * x + (B * square + C * square @ square) @ x
    return x


def test_the_short_way_is_the_long_way_even_where_some_directions_are_faint():
    generator = torch.Generator().manual_seed(1)
    left = torch.linalg.qr(torch.randn(3, 24, 24, generator=generator))[0]
    right = torch.linalg.qr(torch.randn(3, 72, 24, generator=generator))[0]
    for faintest in (1.0, 1e-2, 1e-4):
        sizes = torch.logspace(0, float(torch.tensor(faintest).log10()), 24)
        x = left * sizes @ right.mT
        exact = the_long_way(x.double())
        assert (orthogonalise(x) - exact).norm() < 1e-3 * exact.norm()


def test_what_comes_out_turns_and_does_not_stretch():
    x = torch.randn(2, 16, 48, generator=torch.Generator().manual_seed(2))
    sizes = torch.linalg.svdvals(orthogonalise(x))
    assert sizes.min() > 0.6 and sizes.max() < 1.3
