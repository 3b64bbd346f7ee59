//! The service beside its floor, round after round.

use std::fmt::Write as _;
use std::time::Duration;

use crate::spread::Spread;
use crate::stage::{READING, Stage};
use crate::wrk::Figures;

/// Connections of the load generator.
pub const CONNECTIONS: usize = 32;

/// All programs, endpoint by endpoint, in turn, so that whatever else the machine does meets all of them.
pub fn measure(stage: &Stage, rounds: usize, time: Duration) -> String {
    let (worker, driver) = (stage.floor("worker"), stage.floor("driver"));
    let mut table = String::from(
        "| endpoint | requests a second | p99, ms | rate, of the floor's | p99, of the floor's | rate, of the \
         lowest floor's | p99, of the lowest floor's |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut costs = String::from(
        "| processor time of a request, µs | service | lowest floor | MariaDB |\n| --- | --- | --- | --- |\n",
    );
    for method in READING {
        let [mut own, mut lowest, mut plain] = [(); 3].map(|()| Vec::<Figures>::new());
        let (mut spent, mut requests) = ([0.0; 3], [0.0; 2]);
        // The first round warms up.
        for round in 0..=rounds {
            let time = if round == 0 { Duration::from_secs(1) } else { time };
            let load = |program| {
                let figures = stage.load(program, method, CONNECTIONS, time).run();
                assert_eq!(figures.refused, 0, "{method}");
                figures
            };
            let before = (stage.service.seconds(), stage.server_seconds());
            let figures = load(&stage.service);
            let between = (stage.service.seconds(), stage.server_seconds(), worker.seconds());
            let least = load(&worker);
            let floor_after = worker.seconds();
            let other = load(&driver);
            if round > 0 {
                spent[0] += between.0 - before.0;
                spent[1] += floor_after - between.2;
                spent[2] += between.1 - before.1;
                requests[0] += figures.rate * time.as_secs_f64();
                requests[1] += least.rate * time.as_secs_f64();
                own.push(figures);
                lowest.push(least);
                plain.push(other);
            }
        }
        let ratio = |to: &[Figures], of: fn(&Figures) -> f64| {
            Spread::of(own.iter().zip(to).map(|(own, to)| of(own) / of(to)))
        };
        let rate = |figures: &Figures| figures.rate;
        let p99 = |figures: &Figures| figures.p99;
        let _ = writeln!(
            table,
            "| `{method}` | {:.0} | {:.1} | {:.2} | {:.2} | {:.2} | {:.2} |",
            Spread::of(own.iter().map(rate)),
            Spread::of(own.iter().map(|figures| figures.p99 / 1000.0)),
            ratio(&plain, rate),
            ratio(&plain, p99),
            ratio(&lowest, rate),
            ratio(&lowest, p99),
        );
        let _ = writeln!(
            costs,
            "| `{method}` | {:.0} | {:.0} | {:.0} |",
            spent[0] / requests[0] * 1e6,
            spent[1] / requests[1] * 1e6,
            spent[2] / requests[0] * 1e6
        );
    }
    format!("{table}\n{costs}")
}
