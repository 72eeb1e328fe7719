//! The engine as a whole, against a real `Rooms`, in a simulated world.

#[allow(dead_code)]
mod world;

mod simulation;
