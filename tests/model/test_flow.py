"""The path's identities: not how pictures look, but what must hold exactly."""

import math

import pytest
import torch

from model import flow
from model.config import PRESETS
from model.layers import Block
from model.ops import rope_angles
from model.transformer import Transformer


def _random(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("steps", [1, 3, 20])
def test_integrating_the_true_velocity_returns_the_data(steps):
    data, noise = _random(1, 2, 5, 7), _random(2, 2, 5, 7)
    nothing = torch.zeros(2, 5, dtype=torch.bool)

    [out] = flow.sample(
        lambda x, t: [flow.velocity(data, noise)], [noise], [nothing], [data * 0], flow.schedule(steps, 1.5)
    )

    assert torch.allclose(out, data, atol=1e-5)


def test_one_euler_step_is_x_minus_dt_v():
    x, v = _random(1, 2, 3, 4), _random(2, 2, 3, 4)
    assert torch.equal(flow.euler_step(x, v, 0.25), x - 0.25 * v)
    dt = torch.tensor([[0.1, 0.2, 0.3]] * 2)
    assert torch.allclose(flow.euler_step(x, v, dt)[:, 1], x[:, 1] - 0.2 * v[:, 1])


def test_heun_follows_a_bent_path_more_closely():
    """Along dx/dt = x the way from t = 1 to 0 ends at x / e."""
    start, nothing = _random(1, 1, 2, 3), torch.zeros(1, 2, dtype=torch.bool)
    off = {}
    for heun in (False, True):
        [out] = flow.sample(lambda x, t: [x[0]], [start], [nothing], [start * 0], flow.schedule(8), heun=heun)
        off[heun] = float((out - start * math.exp(-1)).abs().max())
    assert off[True] < 0.25 * off[False]


def test_the_ends_of_the_path_are_data_and_noise():
    data, noise = _random(1, 2, 3, 4), _random(2, 2, 3, 4)
    assert torch.equal(flow.interpolate(data, noise, torch.zeros(2, 3)), data)
    assert torch.allclose(flow.interpolate(data, noise, torch.ones(2, 3)), noise, atol=1e-6)


def test_guidance_one_is_no_guidance():
    null, cond = _random(1, 2, 3), _random(2, 2, 3)
    assert torch.allclose(flow.guide(null, cond, 1.0), cond, atol=1e-6)
    assert not torch.allclose(flow.guide(null, cond, 2.0), cond, atol=1e-2)


def test_known_tokens_enter_clean_at_every_step_and_come_back_untouched():
    values, noise = _random(1, 2, 6, 3), _random(2, 2, 6, 3)
    known = torch.tensor([[True, False, False, True, False, False], [False] * 6])
    seen = []

    def net(x, t):
        seen.append((x[0].clone(), t[0].clone()))
        return [_random(3, 2, 6, 3)]

    [out] = flow.sample(net, [noise], [known], [values], flow.schedule(4))

    assert torch.equal(out[known], values[known])
    assert not torch.allclose(out[~known], values[~known])
    for x, t in seen:
        assert torch.equal(x[known], values[known])
        assert (t[known] == 0).all() and (t[~known] > 0).all()


def test_sampling_stops_between_steps_when_asked():
    steps = []
    with pytest.raises(flow.Stopped):
        flow.sample(
            lambda x, t: x,
            [_random(1, 1, 2, 3)],
            [torch.zeros(1, 2, dtype=torch.bool)],
            [torch.zeros(1, 2, 3)],
            flow.schedule(10),
            lambda i, n: steps.append((i, n)),
            lambda: len(steps) == 3,
        )
    assert steps == [(1, 10), (2, 10), (3, 10)]


def test_a_schedule_goes_from_noise_to_data_and_never_back():
    for shift in (1.0, 1.5, 3.0):
        t = flow.schedule(12, shift)
        assert t[0] == 1 and t[-1] == 0 and (t.diff() < 0).all()


def test_a_fresh_block_returns_its_input():
    x = _random(1, 2, 5, 32)
    table, rows = _random(2, 3, 6 * 32), torch.tensor([[0, 1, 2, 1, 0]] * 2)
    out = Block(32, 2, 2)(x, (table, rows), rope_angles(torch.arange(5.0), 16), None)
    assert torch.equal(out, x)


def test_a_fresh_network_believes_in_the_mean_of_the_data():
    """Zero heads: the clean token is 0, so the velocity points from the noise to the mean."""
    from model.transformer import Group

    net = Transformer(PRESETS["tiny"])
    kind = PRESETS["tiny"].kinds[0]
    x, t = _random(1, 2, 1, kind.channels), torch.full((2, 1), 0.5)
    [v] = net([Group(kind.name, x, t, torch.tensor([0]), torch.tensor([0]))])
    assert torch.allclose(v, x / 0.5)
