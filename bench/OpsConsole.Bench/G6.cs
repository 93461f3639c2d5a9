using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Audit;

namespace OpsConsole.Bench;

/// <summary>
/// The log's hashing: checking an entry on one core against bare SHA-256 over the same bytes, the whole verification out of the database (whose reading is not part of
/// the goal, and is printed), and what appending an entry costs, to be held against the CPU of a decision that g1 prints.
/// </summary>
internal static class G6
{
    private const int Records = 20_000;
    private const double Goal = 500_000;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (entries, payloads) = Log(Records);
        var hashed = entries.Select((e, i) => (Leaf: Encoding.UTF8.GetBytes("\0" + e.Leaf), Link: new byte[64], Payload: (byte[])[.. payloads[i].Salt, .. Encoding.UTF8.GetBytes(payloads[i].Body)])).ToArray();
        var leg = TimeSpan.FromSeconds(arguments.Number("seconds", 3));
        for (var i = 0; i < 10; i++) (_, _) = (Bare(hashed), Verify(entries, payloads));
        var checkedPerSecond = 0d;
        var result = await Ratio.MeasureAsync("g6: entries checked per second and core / bare SHA-256 over the same bytes", 0.5, () => Task.FromResult(Rate(leg, () => Bare(hashed))), () => Task.FromResult(checkedPerSecond = Rate(leg, () => Verify(entries, payloads))));
        Console.WriteLine($"g6: {checkedPerSecond:0} entries checked per second and core, payload of {payloads[0].Body.Length} bytes included (goal >= {Goal:0}) {(checkedPerSecond >= Goal ? "met" : "MISSED")}");
        var share = await ShareAsync(hashed, leg);
        await WholeAsync(arguments.Text("data"));
        return result.Invalid ? 2 : checkedPerSecond >= Goal && share <= 0.05 ? 0 : 1;
    }

    private static double Rate(TimeSpan leg, Action pass)
    {
        var passes = 0;
        var from = Stopwatch.GetTimestamp();
        for (; Stopwatch.GetElapsedTime(from) < leg; passes++) pass();
        return passes * (double)Records / Stopwatch.GetElapsedTime(from).TotalSeconds;
    }

    private static int Bare((byte[] Leaf, byte[] Link, byte[] Payload)[] hashed)
    {
        Span<byte> hash = stackalloc byte[32];
        foreach (var (leaf, link, payload) in hashed)
        {
            SHA256.HashData(leaf, hash);
            SHA256.HashData(link, hash);
            SHA256.HashData(payload, hash);
        }
        return hash[0];
    }

    private static bool Verify(List<AuditEntry> entries, List<AuditPayload> payloads)
    {
        var previous = new byte[AuditLeaf.HashLength];
        for (var i = 0; i < entries.Count; i++)
        {
            if (AuditLeaf.Check(entries[i], i + 1, previous, payloads[i]) is { } why) throw new InvalidOperationException(why);
            previous = entries[i].Chain;
        }
        return true;
    }

    /// <summary>The three hashes of an ask as a part of the CPU that a decision takes beyond what the bare endpoint takes: client and HTTP are not counted in its favour.</summary>
    private static async Task<double> ShareAsync((byte[] Leaf, byte[] Link, byte[] Payload)[] hashed, TimeSpan leg)
    {
        var hashing = 1e6 / Rate(leg / 2, () => Bare(hashed));
        await using var bare = await BaselineServer.StartAsync();
        await using var subject = await Subject.StartAsync();
        var (baseline, console) = (new Load(bare.Address, bare.Request(), 256, leg), new Load(subject.Program.Address, subject.Ask(), 256, leg));
        await LoadGenerator.RunAsync(console with { Duration = TimeSpan.FromSeconds(8) });
        await LoadGenerator.RunAsync(baseline with { Duration = TimeSpan.FromSeconds(2) });
        var decision = await CpuAsync(console) - await CpuAsync(baseline);
        Console.WriteLine($"g6: hashing an ask takes {hashing:0.00} us, {hashing / decision:0.0%} of the {decision:0} us of CPU that a decision takes beyond a bare endpoint (goal <= 5 %) {(hashing <= 0.05 * decision ? "met" : "MISSED")}");
        return hashing / decision;
    }

    private static async Task<double> CpuAsync(Load load)
    {
        var before = Environment.CpuUsage.TotalTime;
        var result = await LoadGenerator.RunAsync(load);
        if (!result.AllSucceeded) throw new InvalidOperationException("Not every request succeeded; this measures nothing.");
        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / result.Latency.Count;
    }

    private static async Task WholeAsync(string? folder)
    {
        if (folder is null) return;
        await using var database = OpsDatabase.SqliteBeside(folder);
        var before = Environment.CpuUsage.TotalTime;
        var report = await new AuditVerifier(database).VerifyAsync(null, CancellationToken.None);
        var cpu = Environment.CpuUsage.TotalTime - before;
        if (!report.Intact) throw new InvalidOperationException(report.Broken[0].Why);
        Console.WriteLine($"  the whole of {folder}: {report.Entries} entries and {report.Rows.Decisions} decisions in {report.Took.TotalSeconds:0.0} s, {report.Entries / report.Took.TotalSeconds:0} per second, {report.Entries / cpu.TotalSeconds:0} per second of CPU, reading included");
    }

    private static (List<AuditEntry>, List<AuditPayload>) Log(int count)
    {
        var batch = new Batch();
        batch.Start(new LogHead());
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < count; i++)
        {
            var commitment = batch.Commit(Encoding.UTF8.GetBytes(BaselineServer.Body));
            var details = $$"""{"action":"crm.contact.update","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","gate":"C","matrix_version":1,"mode":"live","outcome":"allow","payload_sha256":"{{commitment}}","reason":"rule","rollout":"rol_0000000000000000","rule":"R-1","tier":"executor"}""";
            batch.Append(at.AddMilliseconds(i), Actor.Agent("agt_0000000000000000", "bench"), "decision.asked", "dec_00000000000000000000000000", Encoding.UTF8.GetBytes(details), "rol_0000000000000000");
        }
        return ([.. batch.Audit.Select(a => new AuditEntry { Seq = a.Seq, At = a.At, Event = a.Event, Actor = a.Actor, Object = a.Object, RolloutId = a.RolloutId, DecisionSeq = a.DecisionSeq, Leaf = Encoding.UTF8.GetString(a.Leaf), Chain = a.Chain })],
            [.. batch.Payloads.Select(p => new AuditPayload { Seq = p.Seq, Salt = p.Salt, Body = Encoding.UTF8.GetString(p.Body) })]);
    }
}
