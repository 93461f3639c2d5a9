using System.Diagnostics;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Authority;

namespace OpsConsole.Bench;

/// <summary>One evaluation of the policy at 10 and at 10,000 rules. That it agrees with a slow evaluator is a test's job.</summary>
internal static class G5
{
    private const int Batch = 64;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (few, many) = (Make(10), Make(10_000));
        for (var i = 0; i < 20; i++) (_, _) = (Measure(few, 10, 10_000), Measure(many, 10_000, 10_000));   // until the compiler is done with it
        var samples = arguments.Number("samples", 40_000);
        double largest = 0;
        var result = await Ratio.MeasureAsync("g5: p99 of one evaluation, 10,000 rules / 10 rules (ns)", 1.5, () => Task.FromResult(Measure(few, 10, samples)), () => Task.FromResult(largest = Measure(many, 10_000, samples)), atMost: true);
        Console.WriteLine($"g5: p99 at 10,000 rules {largest:0} ns (goal <= 1000) {(largest <= 1_000 ? "met" : "MISSED")}");
        return result.ExitCode != 0 ? result.ExitCode : largest <= 1_000 ? 0 : 1;
    }

    // A single evaluation is shorter than the clock's own cost, so each sample is the mean of a batch over different actions.
    private static double Measure((CompiledPolicy Policy, PolicyCall[] Calls) subject, int rules, int samples)
    {
        var times = new double[samples];
        long matched = 0;
        for (var sample = 0; sample < samples; sample++)
        {
            var from = Stopwatch.GetTimestamp();
            for (var i = 0; i < Batch; i++) matched += subject.Policy.Evaluate(subject.Calls[(sample * 31 + i) % subject.Calls.Length]).RuleIndex >= 0 ? 1 : 0;
            times[sample] = Stopwatch.GetElapsedTime(from).TotalNanoseconds / Batch;
        }
        if (matched != (long)samples * Batch) throw new InvalidOperationException($"With {rules} rules, not every call found its rule.");
        Array.Sort(times);
        return times[(int)(samples * 0.99)];
    }

    private static (CompiledPolicy, PolicyCall[]) Make(int rules)
    {
        var text = new StringBuilder("""{"default":"deny","boundaries":[],"rules":[""");
        for (var i = 0; i < rules; i++)
            text.Append(i == 0 ? "" : ",").Append(System.Globalization.CultureInfo.InvariantCulture, $$"""{"id":"R-{{i}}","action":"system{{i}}.update","when":[{"field":"arguments.amount","op":"<=","value":200}],"consequence":"low","reversible":true,"outcome":"allow"}""");
        var policy = CompiledPolicy.Compile(MatrixJson.Parse(JsonDocument.Parse(text.Append("]}").ToString()).RootElement).Value, 1);
        var arguments = JsonDocument.Parse("""{"amount":150,"currency":"EUR"}""").RootElement;
        return (policy, [.. Enumerable.Range(0, 100).Select(i => new PolicyCall { Action = $"system{(long)i * rules / 100}.update", Arguments = arguments })]);
    }
}
