//! The examples in other languages: what people copy must at least be read by its language.

use std::path::PathBuf;
use std::process::Command;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name)
}

#[test]
fn python_reads_its_examples() {
    // Parsed and not compiled: nothing is written into the checkout.
    let parse = "import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])";
    for file in ["backend.py", "frontend.py"] {
        check(Command::new("python3").args(["-c", parse]).arg(folder("python").join(file)));
    }
}

#[test]
fn node_reads_its_examples() {
    for file in ["backend.js", "frontend.js"] {
        check(Command::new("node").arg("--check").arg(folder("node").join(file)));
    }
}

fn check(command: &mut Command) {
    let output = command.output().expect("the language is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
