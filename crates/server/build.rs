//! Has the crate built again when the console was: its files are part of the program.

fn main() {
    println!("cargo:rerun-if-changed=../../console/dist");
}
