using OpsConsole.Tests.Support;

namespace OpsConsole.Startup;

/// <summary>A short run of <c>bench/kill</c>: the real program under load, killed twice with -9. By itself, because it wants the machine.</summary>
[Collection(nameof(Alone))]
public sealed class KillTests
{
    [Fact]
    public async Task KilledUnderLoad_LosesNothing_DoublesNothing_MiscountsNothing()
    {
        var (exit, output, errors) = await Programs.RunAsync("bash", [Repository.PathTo("bench", "kill", "kill.sh"), "2", "sqlite"], TimeSpan.FromMinutes(3));
        Assert.True(exit == 0 && output.TrimEnd().EndsWith("PASS", StringComparison.Ordinal), output + errors);
    }
}

/// <summary>Tests of this collection run when no others do.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
