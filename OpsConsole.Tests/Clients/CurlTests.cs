using System.Diagnostics;
using OpsConsole.Tests.Support;

namespace OpsConsole.Clients;

/// <summary>The event stream as somebody at a terminal follows it: <c>curl -N</c>, broken off and resumed with <c>Last-Event-ID</c>.</summary>
public sealed class CurlTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);   // only bounds a failing test

    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _spine = await Spine.BuildAsync(_host);
    }

    public Task DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task BrokenOffAndResumed_MissesAndRepeatsNothing()
    {
        string last;
        using (var curl = Follow())
        {
            await NextAsync(curl);   // it listens, and says from where
            var first = Spine.Id(await _spine.RefundAsync(5));
            var told = await NextAsync(curl);
            Assert.Contains(first, told["data"], StringComparison.Ordinal);
            last = told["id"];
            curl.Kill();
            await curl.WaitForExitAsync();
        }
        List<string> meanwhile = [];
        for (var i = 0; i < 3; i++) meanwhile.Add(Spine.Id(await _spine.RefundAsync(10 + i)));

        using var again = Follow("-H", "Last-Event-ID: " + last);
        await NextAsync(again);
        foreach (var decision in (string[])[.. meanwhile, Spine.Id(await _spine.RefundAsync(20))])
        {
            var told = await NextAsync(again);
            Assert.Equal("decision.asked", told["event"]);
            Assert.Contains(decision, told["data"], StringComparison.Ordinal);
        }
        again.Kill();
    }

    private Process Follow(params string[] more)
        => Process.Start(new ProcessStartInfo("curl", ["-sN", "-H", "Authorization: Bearer " + _spine.AgentKey, .. more, _host.Url + "/api/v1/events"]) { RedirectStandardOutput = true })!;

    /// <summary>The fields of the next event, without comments.</summary>
    private static async Task<Dictionary<string, string>> NextAsync(Process curl)
    {
        Dictionary<string, string> fields = [];
        while (await curl.StandardOutput.ReadLineAsync().WaitAsync(Limit) is { } line)
        {
            if (line.Length == 0 && fields.Count > 0) return fields;
            if (line.Split(": ", 2) is [{ Length: > 0 } name, var value]) fields[name] = value;
        }
        throw new EndOfStreamException("curl ended.");
    }
}
