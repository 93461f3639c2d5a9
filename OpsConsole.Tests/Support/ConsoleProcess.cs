using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OpsConsole.Tests.Support;

/// <summary>The console as a process of its own on a folder and a port, so that it can be ended and started again like on a real machine.</summary>
/// <param name="postgres">Connection string of its database; null: SQLite in the folder.</param>
internal sealed class ConsoleProcess(string folder, string? postgres = null) : IAsyncDisposable
{
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly int _port = FreePort();
    private Process? _process;

    private readonly StringBuilder _said = new();

    /// <summary>What it has printed so far.</summary>
    public string Said { get { lock (_said) return _said.ToString(); } }

    public string Url => $"http://127.0.0.1:{_port}";

    /// <summary>Starts it and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        // …/OpsConsole.Tests/bin/Release/net10.0/ → …/OpsConsole/bin/Release/net10.0/
        var program = Path.Combine(AppContext.BaseDirectory.Replace("OpsConsole.Tests", "OpsConsole", StringComparison.Ordinal), "OpsConsole.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--urls", Url]) { WorkingDirectory = Path.Combine(Repository.Root, "OpsConsole"), RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["OpsConsole__Data__Directory"] = folder;
        if (postgres is not null) (start.Environment["OpsConsole__Data__Provider"], start.Environment["ConnectionStrings__Postgres"]) = ("postgres", postgres);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => { lock (_said) _said.AppendLine(line.Data); };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        for (var tries = 0; !await ReadyAsync(); tries++)
        {
            Assert.False(_process.HasExited || tries > 600, $"The console does not start (exit code {(_process.HasExited ? _process.ExitCode : null)}).");
            await Task.Delay(50);
        }
    }

    public async Task StopAsync()
    {
        if (_process is not { } process) return;
        _process = null;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task<bool> ReadyAsync()
    {
        try
        {
            using var answer = await Client.GetAsync(Url + "/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
