"""A clip that somebody downloads plays everywhere, and reads back as what was drawn."""

import numpy as np
import pytest

from model import video


def frames(count: int, width: int = 64, height: int = 96) -> list[np.ndarray]:
    """A grey ramp that brightens frame by frame, with one warm corner."""
    out = []
    for i in range(count):
        frame = np.full((height, width, 3), 40 + 4 * i, np.uint8)
        frame[: height // 2, : width // 2] = (200, 90, 40)
        out.append(frame)
    return out


def tone(seconds: float, channels: int = 2) -> np.ndarray:
    t = np.arange(round(seconds * video.AUDIO_RATE)) / video.AUDIO_RATE
    return np.repeat(0.4 * np.sin(2 * np.pi * 440 * t)[:, None], channels, 1).astype(np.float32)


def test_a_clip_reads_back_as_it_was_drawn(tmp_path):
    drawn = frames(24)
    written = video.write_mp4(tmp_path / "clip.mp4", drawn, 24, tone(1))
    back = list(video.read_frames(written.path))
    assert len(back) == 24
    assert written.seconds == pytest.approx(1)
    for a, b in zip(drawn, back, strict=True):
        assert np.abs(a[60:, 40:].astype(int) - b[60:, 40:]).mean() < 3
    # colours survive: bt709 is both used and declared
    assert np.abs(back[3][8:40, 8:24].mean((0, 1)) - (200, 90, 40)).max() < 8


@pytest.mark.parametrize(("width", "height"), [(2, 2), (90, 160), (358, 638)])
def test_a_film_of_any_even_size_has_its_colours_where_they_were(tmp_path, width, height):
    drawn = frames(3, width, height)
    video.write_mp4(tmp_path / "clip.mp4", drawn, 24, crf=12)
    for before, after in zip(drawn, video.read_frames(tmp_path / "clip.mp4"), strict=True):
        far = np.abs(before.astype(int) - after)
        assert far.mean() < (2.5 if width > 2 else 40)


def test_browsers_get_what_they_expect(tmp_path):
    import av

    path = video.write_mp4(tmp_path / "clip.mp4", frames(50), 24, tone(2)).path
    about = video.probe(path)
    assert (about.width, about.height, about.video_codec, about.audio_codec) == (64, 96, "h264", "aac")
    assert (about.fps, about.audio_rate) == (24, 48_000)
    head = path.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert context.pix_fmt == "yuv420p"
        assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
        assert context.profile == "High"
        keys = [p.pts * p.time_base for p in container.demux(video=0) if p.is_keyframe and p.pts is not None]
    assert max(b - a for a, b in zip(keys, keys[1:], strict=False)) <= 1


def test_sound_is_as_long_as_the_picture(tmp_path):
    short = video.write_mp4(tmp_path / "short.mp4", frames(48), 24, tone(0.4)).path
    assert len(video.read_audio(short)) / 48_000 == pytest.approx(2, abs=0.05)
    long = video.write_mp4(tmp_path / "long.mp4", frames(24), 24, tone(3)).path
    assert len(video.read_audio(long)) / 48_000 == pytest.approx(1, abs=0.05)
    loud = video.read_audio(long)[4800:43200]
    assert 0.2 < np.sqrt((loud**2).mean()) < 0.4


def test_a_silent_clip_has_no_sound(tmp_path):
    path = video.write_mp4(tmp_path / "silent.mp4", frames(5), 24).path
    assert video.probe(path).audio_codec == ""
    assert video.read_audio(path).shape == (0, 1)


def test_odd_sides_lose_a_pixel_and_renditions_shrink(tmp_path):
    path = video.write_mp4(tmp_path / "odd.mp4", frames(6, 63, 95), 12).path
    assert (video.probe(path).width, video.probe(path).height) == (62, 94)
    small = video.rewrite(path, tmp_path / "small.mp4", (32, 48))
    assert video.probe(small.path).width == 32
    assert small.frames == 6


@pytest.mark.parametrize(
    ("given", "fps", "why"),
    [
        ([], 24, "no frames"),
        (frames(2), 0, "outside"),
        ([np.zeros((8, 8), np.uint8)], 24, "uint8"),
        ([np.zeros((8, 8, 3), np.float32)], 24, "uint8"),
    ],
)
def test_what_cannot_be_a_clip_is_refused_and_leaves_nothing(tmp_path, given, fps, why):
    with pytest.raises(video.VideoError, match=why):
        video.write_mp4(tmp_path / "no.mp4", given, fps)
    assert list(tmp_path.iterdir()) == []


def test_a_drawing_that_fails_halfway_leaves_nothing(tmp_path):
    def broken():
        yield from frames(3)
        raise RuntimeError("the pen broke")

    with pytest.raises(RuntimeError):
        video.write_mp4(tmp_path / "half.mp4", broken(), 24)
    assert list(tmp_path.iterdir()) == []


def test_a_text_is_no_video(tmp_path):
    (tmp_path / "note.mp4").write_text("not a film")
    with pytest.raises(video.VideoError):
        video.probe(tmp_path / "note.mp4")


def test_scaling_down_does_not_shimmer():
    checks = np.indices((128, 128)).sum(0) % 2 * 255
    picture = np.repeat(checks[..., None], 3, 2).astype(np.uint8)
    small = video.resize(picture, (32, 32)).astype(int)
    assert np.abs(small - 127).max() <= 2
    assert video.fit((720, 1280), 640) == (360, 640)
    assert video.fit((64, 48), 640) == (64, 48)


def test_a_poster_is_a_jpeg():
    data = video.poster(frames(1)[0], (32, 48))
    assert data[:2] == b"\xff\xd8"
    assert len(data) < 5000
