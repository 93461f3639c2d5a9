using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using OpsConsole.Core.Access;
using OpsConsole.Core.Reliability;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Reliability;

namespace OpsConsole.Bench;

/// <summary>
/// A rollout's weekly report out of the roll-ups, against the same counts asked of the rows in one SQL statement, over a long history in one process. Before that the console counts the history by itself, from nothing: how long that takes is said.
/// Both must give the same counts for every week.
/// </summary>
internal static class G12
{
    private const double Milliseconds = 50, Times = 500;
    private const int Weeks = 12, Turns = 40, Warming = 6;
    private static readonly TimeSpan Standstill = TimeSpan.FromMinutes(10), Turn = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var kept = arguments.Text("data");
        var root = kept ?? Path.Combine(Path.GetTempPath(), "opsconsole-bench-" + Guid.NewGuid().ToString("N"));
        try
        {
            var many = arguments.Number("many", 1_000_000);
            var history = await History.InAsync(root, many, arguments.Number("pending", 1_000));
            await using var program = await ConsoleProgram.StartAsync("OpsConsole:Data:Directory=" + root, "Logging:LogLevel:Default=Warning");
            var reader = program.Get<ReliabilityReader>();
            var me = new PersonCaller(program.Get<DurableWriter>().State.Directory.People[history.Seed.PersonId], null, "bench");
            var rollout = history.Rollouts[0];
            var unhurt = await BehindAsync() < many / 20 ? null : await BesideCountingAsync();
            if (unhurt is null) Console.WriteLine("  this history is counted already: the decisions beside the counting are measured over a new one only");

            List<double> before = [], after = [], reports = [];
            var view = (await reader.FindAsync(me, rollout, new ReliabilityQuery(Count: Weeks), default)).Value;
            await using var connection = new SqliteConnection($"Data Source={Path.Combine(root, "opsconsole.db")};Mode=ReadOnly");
            await connection.OpenAsync();
            // Out of the disk into memory, for both: until it takes as long as the time before.
            for (var last = Raw(connection, rollout, view); ; last = before[^1])
            {
                before.Add(Raw(connection, rollout, view));
                if (before.Count == Warming || Math.Abs(before[^1] - last) < last / 10) break;
            }
            for (var turn = 0; turn < Turns; turn++)
            {
                var began = Stopwatch.GetTimestamp();
                await reader.FindAsync(me, rollout, new ReliabilityQuery(Count: Weeks), default);
                reports.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            after.Add(Raw(connection, rollout, view));
            reports.Sort();
            var (report, raw, moved) = (reports[reports.Count / 2], (before[^1] + after[0]) / 2, Math.Max(before[^1], after[0]) / Math.Min(before[^1], after[0]) - 1);
            var met = report < Milliseconds && raw / report >= Times;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"g12: {report:0.00} ms, p99 {reports[(int)(reports.Count * 0.99)]:0.00} ms, {raw / report:0} times as fast as the rows (goal < 50 ms and >= 500; baseline {before[^1]:0} then {after[0]:0} ms) {(moved > 0.25 ? "INVALID" : met ? "met" : "MISSED")}"));
            return unhurt is { Invalid: true } || moved > 0.25 ? 2 : unhurt is null or { Met: true } && met ? 0 : 1;

            async Task<RatioResult?> BesideCountingAsync()
            {
                var clock = program.All<IHostedService>().OfType<RollupClock>().Single();
                await clock.StopAsync(default);
                var load = new Load(program.Address, RequestTemplate.Post(program.Address, "/api/v1/decisions", BaselineServer.Body, history.Seed.Key), arguments.Number("callers", 64), TimeSpan.FromSeconds(arguments.Number("warmup", 12)));
                await LoadGenerator.RunAsync(load);
                using var writer = new WriterWatch();
                var half = load with { RequestsPerSecond = (await LoadGenerator.RunAsync(load with { Duration = TimeSpan.FromSeconds(5) })).PrintedAs("peak").RequestsPerSecond / 2, Duration = Turn, Turns = (int)(arguments.Duration / Turn) };
                await writer.RestedAsync();
                var before = await P99Async("without", half, writer);
                var from = Stopwatch.GetTimestamp();
                await clock.StartAsync(default);
                var with = await P99Async("with   ", half with { Turns = half.Turns * 3 }, writer);
                var left = await BehindAsync();
                if (left < many / 20) throw new InvalidOperationException($"The counting was nearly over ({left:N0} entries to go) when the decisions were timed; take a longer history (--many) or shorter turns (--seconds).");
                await CountedAsync();
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  counted {many:N0} decisions from nothing in {Stopwatch.GetElapsedTime(from).TotalSeconds:0} s, resting two thirds of the time"));
                await clock.StopAsync(default);
                var after = await P99Async("without", half, writer);
                await clock.StartAsync(default);
                await CountedAsync();
                var judged = Ratio.Judge(2, before, with, after, atMost: true);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"g12: p99 of decisions at half of the peak rate while the history is counted / while nothing is: ratio {judged.Value:0.00} (goal <= 2; {with:0.00} ms, baseline {before:0.00} then {after:0.00} ms, moved {judged.Moved:0.0%}) {(judged.Invalid ? "INVALID" : judged.Met ? "met" : "MISSED")}"));
                return judged;
            }

            // Nothing is timed meanwhile. A counting that stands still for longer than it ever rests ends the bench.
            async Task CountedAsync()
            {
                var (least, since) = (long.MaxValue, Stopwatch.GetTimestamp());
                while (await BehindAsync() is var left && left > 0)
                {
                    if (left < least) (least, since) = (left, Stopwatch.GetTimestamp());
                    if (Stopwatch.GetElapsedTime(since) > Standstill) throw new TimeoutException($"The counting stands still with {left:N0} entries to go.");
                    await Task.Delay(500);
                }
            }

            async Task<long> BehindAsync() => (await reader.FindAsync(me, rollout, new ReliabilityQuery(), default)).Value.Behind;
        }
        finally
        {
            if (kept is null) Directory.Delete(root, recursive: true);
        }
    }

    // Of the turns' p99 the median counts, so that one stall of the disk or of the host decides nothing.
    private static async Task<double> P99Async(string name, Load load, WriterWatch writer)
    {
        writer.Reset();
        var stolen = ProcessWatch.Stolen();
        var result = (await LoadGenerator.RunAsync(load)).PrintedAs(name);
        Console.WriteLine($"    p99 turn by turn {string.Join(", ", result.Turns.Select(t => t.At(0.99).TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)))} ms; {writer}; the host took {(ProcessWatch.Stolen() - stolen) * 10} ms away");
        var sorted = result.Turns.Select(t => t.At(0.99).TotalMilliseconds).Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>How long the rows take to say the same, week by week; throws where they say something else.</summary>
    private static double Raw(SqliteConnection connection, string rollout, ReliabilityView view)
    {
        var began = Stopwatch.GetTimestamp();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT CASE {string.Join(' ', view.Periods.Select((p, i) => $"WHEN d.at < {Ticks(p.End)} THEN {i}"))} END week, count(*), count(a.seq), sum(d.report_status IN (0, 1)), sum(d.report_status IN (0, 1) AND a.seq IS NULL), sum(a.status IN (2, 3)), sum(o.cost_usd)
            FROM decisions d LEFT JOIN approvals a ON a.seq = d.seq LEFT JOIN outcomes o ON o.decision_seq = d.seq
            WHERE d.rollout_id = $rollout AND d.mode = 0 AND d.at >= {Ticks(view.Periods[0].Start)} AND d.at < {Ticks(view.Periods[^1].End)} GROUP BY week
            """;
        command.Parameters.AddWithValue("$rollout", rollout);
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            var p = view.Periods[rows.GetInt32(0)];
            if ((p.Asked, p.Referred, p.Executed, p.Autonomy.Count, p.Override.Count) != (rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4), rows.GetInt64(5))) throw new InvalidOperationException($"Week {rows.GetInt32(0)}: the rows say something else than the report; this measures nothing.");
        }
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static string Ticks(DateTimeOffset at) => ((at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / 10).ToString(CultureInfo.InvariantCulture);
}
