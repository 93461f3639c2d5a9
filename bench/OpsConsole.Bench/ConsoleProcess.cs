using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace OpsConsole.Bench;

/// <summary>The real program as a process of its own: nothing in it is compiled yet, and its memory is nobody else's.</summary>
internal sealed class ConsoleProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ConsoleProcess(Process process, Uri address, TimeSpan took) => (_process, Address, Took) = (process, address, took);

    public Uri Address { get; }

    /// <summary>From its start to the first page of what waits.</summary>
    public TimeSpan Took { get; }

    public int Id => _process.Id;

    /// <param name="data">The folder of its database.</param>
    /// <param name="token">Of a person who may see approvals.</param>
    /// <param name="temporary">Its folder for temporary files; null: the machine's.</param>
    /// <param name="settings">As on the command line: <c>--OpsConsole:…=…</c>.</param>
    public static async Task<ConsoleProcess> StartAsync(string data, string token, string? temporary = null, params string[] settings)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        probe.Stop();
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "OpsConsole.dll"), "--urls", address, "--OpsConsole:Data:Directory=" + data, .. settings]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (temporary is not null) start.Environment["TMPDIR"] = temporary;
        var from = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (true)
        {
            if (process.HasExited) throw new InvalidOperationException($"The console ended with {process.ExitCode} instead of starting.");
            try
            {
                using var answer = await http.GetAsync("/api/v1/approvals?status=pending");
                if (answer.IsSuccessStatusCode) return new ConsoleProcess(process, new Uri(address), Stopwatch.GetElapsedTime(from));
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }
            if (Stopwatch.GetElapsedTime(from) > TimeSpan.FromMinutes(1))
            {
                process.Kill();
                throw new TimeoutException("The console did not start within a minute.");
            }
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
