using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OpsConsole.Bench;

/// <summary>The real program in this process: its own <c>Main</c>, its own Kestrel, nothing left out. One at a time.</summary>
internal sealed class ConsoleProgram : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly Task _run;

    private ConsoleProgram(IHost host, Task run, Uri address) => (_host, _run, Address) = (host, run, address);

    public Uri Address { get; }

    public T Get<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    public IEnumerable<T> All<T>() => _host.Services.GetServices<T>();

    /// <summary>Starts it on a free port, in the environment that users run.</summary>
    /// <param name="settings">As on the command line: <c>OpsConsole:Data:Directory=…</c>.</param>
    public static async Task<ConsoleProgram> StartAsync(params string[] settings)
    {
        var built = new TaskCompletionSource<IHost>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = DiagnosticListener.AllListeners.Subscribe(new HostWatcher(built));
        string[] arguments = [.. settings, "urls=http://127.0.0.1:0", "environment=Production", "applicationName=OpsConsole",
            "OpsConsole:Limits:DecisionsPerSecond=1000000", "OpsConsole:Limits:CallsPerSecond=1000000"];   // the limiter is on, its limits are out of reach
        var run = Task.Factory.StartNew(() => typeof(Data.OpsDatabase).Assembly.EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null), TaskCreationOptions.LongRunning);
        if (await Task.WhenAny(built.Task, run) == run) await run;
        var host = await built.Task;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(started.SetResult);
        if (await Task.WhenAny(started.Task, run) == run)
        {
            await run;
            throw new InvalidOperationException("The program ended before it listened.");
        }
        var address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await host.Services.GetRequiredService<Data.Writer.DurableWriter>().Ready;
        return new ConsoleProgram(host, run, new Uri(address));
    }

    public async ValueTask DisposeAsync()
    {
        _host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await _run;
    }

    // The generic host announces itself when it is built; that is how WebApplicationFactory finds it too.
    private sealed class HostWatcher(TaskCompletionSource<IHost> built) : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting") value.Subscribe(this);
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilt", Value: IHost host }) built.TrySetResult(host);
        }

        public void OnCompleted() { }
        public void OnError(Exception error) { }
    }
}
