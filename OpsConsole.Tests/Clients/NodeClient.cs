using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using OpsConsole.Tests.Support;

namespace OpsConsole.Clients;

/// <summary>A JavaScript client of <c>OpsConsole.Tests/Clients</c> in a process of its own, spoken to by lines of JSON. <c>./test.sh</c> installs its packages.</summary>
internal sealed class NodeClient : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);   // only bounds a failing test

    private readonly Channel<JsonElement> _said = Channel.CreateUnbounded<JsonElement>();
    private readonly Process _process;
    private readonly Task<string> _errors;

    private NodeClient(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _ = ReadAsync();
    }

    public static NodeClient Start(string script, params (string Name, string? Value)[] environment)
    {
        var folder = Repository.PathTo("OpsConsole.Tests", "Clients");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules")), "The JavaScript clients are not installed: run ./test.sh, or 'npm ci --ignore-scripts' in OpsConsole.Tests/Clients.");
        var start = new ProcessStartInfo("node", [Path.Combine(folder, script)]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new NodeClient(Process.Start(start)!);
    }

    /// <summary>What it says next.</summary>
    public async Task<JsonElement> NextAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            return await _said.Reader.ReadAsync(limit.Token);
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            _process.Kill();
            throw new TimeoutException("The client said nothing more. " + await _errors, e);
        }
    }

    /// <summary>The next event of this name; others before it are passed over.</summary>
    public async Task<JsonElement> NextAsync(string name)
    {
        while (true)
        {
            var said = await NextAsync();
            if (Event(said) == name) return said;
            if (Event(said) is "failed" or "refused" or "closed") Assert.Fail($"'{name}' was expected, and then came: {said}");
        }
    }

    /// <summary>Calls a method of the hub and returns its answer.</summary>
    public async Task<JsonElement> CallAsync(string call, params object[] args)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { call, args }));
        await _process.StandardInput.FlushAsync();
        var answer = await NextAsync("answer");
        Assert.Equal(call, answer.GetProperty("call").GetString());
        return answer.GetProperty("value");
    }

    public static string Event(JsonElement said) => said.GetProperty("event").GetString()!;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line) _said.Writer.TryWrite(JsonElement.Parse(line));
        _said.Writer.Complete();
    }
}
