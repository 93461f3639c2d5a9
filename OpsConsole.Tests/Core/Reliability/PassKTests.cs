using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;
using OpsConsole.Tests.Support;

namespace OpsConsole.Tests.Core.Reliability;

public sealed class PassKTests
{
    private static readonly Gen<Proportion[]> Any = Gen.Choose(1, 12).SelectMany(tasks => Gen.ArrayOf(Gen.Choose(1, 60).SelectMany(n => Gen.Choose(0, n).Select(c => new Proportion(c, n))), tasks));

    [SharedFact("data/tau-airline/runs.json")]
    public async Task Of_TheRecordedAirlineRuns_IsThatOfNumbersMd()
    {
        var runs = JsonElement.Parse(await File.ReadAllTextAsync(SharedFolder.PathTo("data", "tau-airline", "runs.json"))).EnumerateArray().Select(r => (Task: r.GetProperty("task_id").GetInt32(), Passed: r.GetProperty("reward").GetDouble() == 1)).ToList();
        List<Proportion> tasks = [.. runs.GroupBy(r => r.Task).Select(t => new Proportion(t.Count(r => r.Passed), t.Count()))];
        Assert.Equal((100, 50), (runs.Count, tasks.Count));
        Assert.All(tasks, t => Assert.Equal(2, t.N));
        Assert.Equal(0.43, PassK.Of(tasks, 1)!.Value, 4);
        Assert.Equal(0.24, PassK.Of(tasks, 2)!.Value, 4);
        Assert.Null(PassK.Of(tasks, 3));
        Assert.Equal(2, PassK.LargestK(tasks));
    }

    [Fact]
    public void Of_SmallAndLargeCounts()
    {
        Assert.Equal(3.0 / 10, PassK.Of([new(3, 5)], 2)!.Value, 12);                     // C(3,2)/C(5,2)
        Assert.Equal((0.3 + 1) / 2, PassK.Of([new(3, 5), new(2, 2)], 2)!.Value, 12);     // a task weighs as much as another
        Assert.Equal(0, PassK.Of([new(2, 5)], 3));
        Assert.Equal(Math.Pow(0.999, 500), PassK.Of([new(999_000_000, 1_000_000_000)], 500)!.Value, 5);       // C(n, k) itself has thousands of digits
    }

    [Fact]
    public void Of_NoTask_OrTooFewTrials_IsUndefined()
    {
        Assert.Null(PassK.Of([], 1));
        Assert.Null(PassK.Of([new(5, 5), new(2, 2)], 3));
        Assert.Equal((0, 2), (PassK.LargestK([]), PassK.LargestK([new(5, 5), new(2, 2)])));
        Assert.Throws<ArgumentException>(() => PassK.Of([new(1, 1)], 0));
    }

    [Fact]
    public void Of_AnyTasks_FallsWithK_FromTheRateOfPassing() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Any.ToArbitrary(), tasks =>
    {
        List<double> values = [.. Enumerable.Range(1, (int)PassK.LargestK(tasks)).Select(k => PassK.Of(tasks, k)!.Value)];
        return Math.Abs(values[0] - tasks.Average(t => t.Rate!.Value)) < 1e-12 && values.All(v => v is >= 0 and <= 1 + 1e-12) && values.Zip(values.Skip(1)).All(v => v.Second <= v.First + 1e-12);
    }));
}
