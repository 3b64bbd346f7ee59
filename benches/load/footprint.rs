//! What the service takes: memory, time to start, size.

use std::fs;
use std::time::Duration;

use crate::spread::Spread;
use crate::stage::{Program, Stage};

/// Connections under which the memory is looked at.
const CONNECTIONS: usize = 256;

/// Starts a service several times, and loads the last one.
pub fn measure(stage: &Stage, starts: usize, time: Duration) -> String {
    let start = || Program::service(stage.wordpress.path(), &[]);
    let times = (0..starts).map(|_| start().started_in.as_secs_f64() * 1000.0);
    let times = Spread::of(times);
    let service = start();
    // The site's options have been read, and allocations of the start have come to rest.
    std::thread::sleep(Duration::from_secs(1));
    let idle = service.megabytes("VmRSS");
    for method in ["validate_auth_cookie", "get_user_meta", "xprofile"] {
        let figures = stage.load(&service, method, CONNECTIONS, time).run();
        assert_eq!(figures.refused, 0, "{method}");
    }
    let loaded = service.megabytes("VmHWM");
    let size = fs::metadata(env!("CARGO_BIN_EXE_wp-sidecar")).expect("the binary").len();
    let size = f64::from(u32::try_from(size).expect("less than 4 GB")) / 1e6;
    format!(
        "| figure | value |\n| --- | --- |\n\
         | from exec to ready, ms | {times:.0} |\n\
         | resident memory idle, MB | {idle:.1} |\n\
         | its peak under {CONNECTIONS} connections, MB | {loaded:.1} |\n\
         | size of the binary, MB | {size:.1} |\n",
    )
}
