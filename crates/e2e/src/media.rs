//! What stands before the cameras and microphones: for each person a moving picture and a sound of their own, so that
//! a test can tell whose picture arrived.

use anyhow::Result;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Pictures a second of the made videos.
const RATE: usize = 15;
/// Pictures a second of portraits, which are for pictures: many of them in one call shall not wear out the machine.
const CALM: usize = 5;
/// Pictures in one made video, which browsers play in a loop: two seconds, of portraits six.
const PICTURES: usize = 2 * RATE;
/// Samples a second of the made sounds.
const SAMPLES: u32 = 48_000;

/// Runs before the page: two cameras, two microphones and two speakers that a test pulls out, plugs in, hands to another
/// program (`window.desk`).
pub const DESK: &str = include_str!("page/desk.js");

/// Width and height of a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub usize, pub usize);

/// 1280×720.
pub const HD: Size = Size(1280, 720);
/// 640×360.
pub const SMALL: Size = Size(640, 360);
/// 320×180.
pub const TINY: Size = Size(320, 180);

/// The files for Chromium's fake camera and microphone.
#[derive(Clone, Debug)]
pub struct Media {
    /// YUV4MPEG2.
    pub video: PathBuf,
    /// WAV.
    pub audio: PathBuf,
}

/// The files of person `who`; made when first asked for, in the build directory.
pub fn of_person(who: u32, size: Size) -> Result<Media> {
    let folder = crate::target_directory().join("e2e-media");
    fs::create_dir_all(&folder)?;
    let video = folder.join(format!("person-{who}-{}x{}.y4m", size.0, size.1));
    let audio = folder.join(format!("person-{who}.wav"));
    once(&video, |file| write_video(file, who, size))?;
    once(&audio, |file| write_audio(file, who))?;
    Ok(Media { video, audio })
}

/// Files as of [`of_person`], but with something like a person in the picture: for screenshots.
pub fn portrait(who: u32, size: Size) -> Result<Media> {
    let audio = of_person(who, TINY)?.audio;
    let video = crate::target_directory()
        .join("e2e-media")
        .join(format!("portrait-{CALM}-{who}-{}x{}.y4m", size.0, size.1));
    once(&video, |file| write_portrait(file, who, size))?;
    Ok(Media { video, audio })
}

/// Writes a file under another name first: a test that runs at the same time never sees half of it.
fn once(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let unfinished = path.with_extension(format!("{}.part", std::process::id()));
    let mut file = BufWriter::new(File::create(&unfinished)?);
    write(&mut file)?;
    file.flush()?;
    fs::rename(unfinished, path)?;
    Ok(())
}

/// Head and shoulders before a soft background, breathing.
fn write_portrait(out: &mut impl std::io::Write, who: u32, size: Size) -> std::io::Result<()> {
    let Size(width, height) = size;
    writeln!(out, "YUV4MPEG2 W{width} H{height} F{CALM}:1 Ip A1:1 C420mpeg2")?;
    // Half the colour of the fields: rooms are calmer than test pictures.
    let (_, blue, red) = field(who, 3, 2);
    let (blue, red) = (64 + blue / 2, 64 + red / 2);
    #[expect(clippy::cast_precision_loss, reason = "pixels are few")]
    let at = |x: usize, y: usize, width: usize, height: usize, picture: usize| {
        let sway = (picture as f64 / PICTURES as f64 * std::f64::consts::TAU).sin() * 0.012;
        let (x, y) = ((x as f64 - width as f64 / 2.0) / height as f64 - sway, y as f64 / height as f64);
        let head = (x / 0.155).powi(2) + ((y - 0.42 - sway) / 0.2).powi(2) < 1.0;
        let shoulders = (x / 0.42).powi(2) + ((y - 1.02) / 0.36).powi(2) < 1.0;
        match (head, shoulders) {
            // Brightness, and how far the colours are from grey and from the background's.
            (true, _) => (168.0, 118, 142),
            (_, true) => (74.0, 255 - blue, 255 - red),
            _ => (150.0 - 70.0 * y - 40.0 * x, blue, red),
        }
    };
    for picture in 0..PICTURES {
        writeln!(out, "FRAME")?;
        for y in 0..height {
            let line = (0..width).map(|x| at(x, y, width, height, picture).0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 16 and 235")]
            let line: Vec<u8> = line.map(|luma: f64| luma.clamp(16.0, 235.0) as u8).collect();
            out.write_all(&line)?;
        }
        for plane in 0..2 {
            for y in 0..height / 2 {
                let line = (0..width / 2).map(|x| at(x, y, width / 2, height / 2, picture));
                let line: Vec<u8> = line.map(|(_, blue, red)| if plane == 0 { blue } else { red }).collect();
                out.write_all(&line)?;
            }
        }
    }
    Ok(())
}

/// A wall of 8×5 coloured fields, different for each person, over which a bright bar walks.
fn write_video(out: &mut impl std::io::Write, who: u32, Size(width, height): Size) -> std::io::Result<()> {
    writeln!(out, "YUV4MPEG2 W{width} H{height} F{RATE}:1 Ip A1:1 C420mpeg2")?;
    for picture in 0..PICTURES {
        writeln!(out, "FRAME")?;
        let bar = picture * width / PICTURES;
        let mut line = vec![0; width];
        for y in 0..height {
            for (x, pixel) in line.iter_mut().enumerate() {
                let (luma, _, _) = field(who, x * 8 / width, y * 5 / height);
                *pixel = if x.abs_diff(bar) < width / 20 { 235 } else { luma };
            }
            out.write_all(&line)?;
        }
        for plane in 0..2 {
            let mut line = vec![0; width / 2];
            for y in 0..height / 2 {
                for (x, pixel) in line.iter_mut().enumerate() {
                    let (_, blue, red) = field(who, x * 16 / width, y * 10 / height);
                    *pixel = if plane == 0 { blue } else { red };
                }
                out.write_all(&line)?;
            }
        }
    }
    Ok(())
}

/// Brightness and colours of one field: scattered, but the same each time.
fn field(who: u32, column: usize, row: usize) -> (u8, u8, u8) {
    let index = u32::try_from(row * 8 + column).unwrap_or_default();
    // Two rounds of a multiplicative hash; the constants are those of MurmurHash3's finaliser.
    let mut hash = (who + 1).wrapping_mul(0x9e37_79b9) ^ index.wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 15)).wrapping_mul(0xc2b2_ae35);
    hash ^= hash >> 13;
    let [a, b, c, _] = hash.to_le_bytes();
    // Dark or light, hardly anything between: pictures of two people correlate little.
    (if a & 1 == 0 { 30 + a / 8 } else { 180 + a / 8 }, 88 + b % 80, 88 + c % 80)
}

/// A tone that comes and goes: a steady one would be taken for noise and removed by the browser.
fn write_audio(out: &mut impl std::io::Write, who: u32) -> std::io::Result<()> {
    let samples = 4 * SAMPLES;
    let bytes = samples * 2;
    out.write_all(b"RIFF")?;
    out.write_all(&(36 + bytes).to_le_bytes())?;
    out.write_all(b"WAVEfmt ")?;
    out.write_all(&16u32.to_le_bytes())?;
    out.write_all(&1u16.to_le_bytes())?; // PCM
    out.write_all(&1u16.to_le_bytes())?; // one channel
    out.write_all(&SAMPLES.to_le_bytes())?;
    out.write_all(&(SAMPLES * 2).to_le_bytes())?;
    out.write_all(&2u16.to_le_bytes())?;
    out.write_all(&16u16.to_le_bytes())?;
    out.write_all(b"data")?;
    out.write_all(&bytes.to_le_bytes())?;
    for sample in 0..samples {
        let time = f64::from(sample) / f64::from(SAMPLES);
        let pitch = 250.0 + 110.0 * f64::from(who) + 40.0 * (time * 3.0).floor();
        let loud = if (time * 3.0).fract() < 0.6 { 0.4 } else { 0.0 };
        let level = (time * pitch * std::f64::consts::TAU).sin() * loud * f64::from(i16::MAX);
        #[expect(clippy::cast_possible_truncation, reason = "0.4 of the largest sample fits")]
        out.write_all(&(level as i16).to_le_bytes())?;
    }
    Ok(())
}
