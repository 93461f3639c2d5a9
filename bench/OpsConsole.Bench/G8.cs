using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Approvals;

namespace OpsConsole.Bench;

/// <summary>A thousand agents wait for a person (<c>Prefer: wait=60</c>); from the committed verdict to the answer at the waiting agent.</summary>
internal static class G8
{
    private const string Body = $$"""{"action":"refund.create","arguments":{"amount":500,"n":"{{RequestTemplate.Slot}}"},"run_id":"run-{{RequestTemplate.Slot}}"}""";

    public static async Task<int> RunAsync(Arguments arguments)
    {
        await using var subject = await Subject.StartAsync();
        var waiting = arguments.Number("waiting", 1_000);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = waiting + 10 }) { BaseAddress = subject.Program.Address, Timeout = TimeSpan.FromMinutes(3) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", subject.Seed.Key);
        var answeredAt = new System.Collections.Concurrent.ConcurrentDictionary<string, long>();
        var agents = Enumerable.Range(0, waiting).Select(number => AskAsync(http, number, answeredAt)).ToArray();

        var (writer, approvals) = (subject.Program.Get<DurableWriter>(), subject.Program.Get<ApprovalService>());
        List<(string Id, string DecisionId)> pending;
        do
        {
            await Task.Delay(500);
            await using var db = await subject.Program.Get<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
            pending = [.. (await db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending).Select(a => new { a.Id, a.DecisionId }).ToListAsync()).Select(a => (a.Id, a.DecisionId))];
        }
        while (pending.Count < waiting);

        var me = new PersonCaller(writer.State.Directory.People[subject.Seed.PersonId], null, "bench");
        var (latency, commit) = (new Histogram(), new Histogram());
        foreach (var (id, decisionId) in pending)
        {
            var asked = Stopwatch.GetTimestamp();
            var result = await approvals.DecideAsync(me, id, new VerdictRequest(Verdict.Approve, null, null, null, null));
            var committed = Stopwatch.GetTimestamp();
            if (result.Fault is { } fault) throw new InvalidOperationException(fault.Message);
            commit.Add((long)Stopwatch.GetElapsedTime(asked, committed).TotalNanoseconds);
            while (!answeredAt.ContainsKey(decisionId)) await Task.Delay(1);
            latency.Add((long)Stopwatch.GetElapsedTime(committed, Math.Max(committed, answeredAt[decisionId])).TotalNanoseconds);
        }
        await Task.WhenAll(agents);
        var (p50, p99) = (latency.At(0.5).TotalMilliseconds, latency.At(0.99).TotalMilliseconds);
        var met = p50 <= 5 && p99 <= 25;
        Console.WriteLine($"g8: {waiting} waiting, verdict committed -> answer at the agent: p50 {p50:0.00} ms (goal <= 5), p99 {p99:0.00} ms (goal <= 25); the verdict itself p50 {commit.At(0.5).TotalMilliseconds:0.00}, p99 {commit.At(0.99).TotalMilliseconds:0.00} ms {(met ? "met" : "MISSED")}");
        return met ? 0 : 1;
    }

    private static async Task AskAsync(HttpClient http, int number, System.Collections.Concurrent.ConcurrentDictionary<string, long> answeredAt)
    {
        var wait = 60;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/decisions") { Content = new StringContent(Body.Replace(RequestTemplate.Slot, number.ToString("D16", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal), null, "application/json") };
        request.Headers.Add("Prefer", "wait=" + wait);
        using var response = await http.SendAsync(request);
        var at = Stopwatch.GetTimestamp();
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        if (body.GetProperty("outcome").GetString() != "allow") throw new InvalidOperationException("The wait ended before the verdict: " + body);
        answeredAt[body.GetProperty("id").GetString()!] = at;
    }
}
