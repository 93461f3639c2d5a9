using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace OpsConsole.Bench;

/// <summary>The start of the program, as a process of its own: until the first page of what waits is answered, and until it says that it can decide.</summary>
internal static class G11Start
{
    private const int Starts = 3;

    public static async Task<int> RunAsync(string few, History small, string many, History large)
    {
        var (before, subject, after) = (await MedianAsync(few, small), await MedianAsync(many, large), await MedianAsync(few, small));
        var (baseline, moved) = ((before + after) / 2, Math.Max(before, after) / Math.Min(before, after) - 1);
        var met = subject <= baseline * 1.10;
        Console.WriteLine($"g11: start to the first answer: {subject:0} ms, ratio {subject / baseline:0.00} (goal <= 1.10; baseline {before:0} then {after:0}) {(moved > 0.25 ? "INVALID" : met ? "met" : "MISSED")}");
        return moved > 0.25 ? 2 : met ? 0 : 1;
    }

    private static async Task<double> MedianAsync(string folder, History history)
    {
        List<double> times = [];
        for (var i = 0; i < Starts; i++) times.Add(await OneAsync(folder, history));
        times.Sort();
        return times[times.Count / 2];
    }

    private static async Task<double> OneAsync(string folder, History history)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        probe.Stop();
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", history.Seed.Token);
        var from = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "OpsConsole.dll"), "--urls", address, "--OpsConsole:Data:Directory=" + folder]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            while (true)
            {
                if (process.HasExited) throw new InvalidOperationException($"The console ended with {process.ExitCode} instead of starting.");
                try
                {
                    using var answer = await http.GetAsync("/api/v1/approvals?status=pending");
                    if (answer.IsSuccessStatusCode) return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
                }
                catch (HttpRequestException)
                {
                    // not listening yet
                }
                if (Stopwatch.GetElapsedTime(from) > TimeSpan.FromMinutes(1)) throw new TimeoutException("The console did not start within a minute.");
                await Task.Delay(5);
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }
}
