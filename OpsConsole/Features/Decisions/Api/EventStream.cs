using System.Globalization;
using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Realtime;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Decisions.Api;

/// <summary>
/// <c>GET events</c>: server-sent events about decisions. The id of an event is its place in the log, so that <c>Last-Event-ID</c> goes on where the line broke,
/// missing nothing and repeating nothing. The stream ends when the caller's key or token does.
/// </summary>
internal static class EventStream
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    private static readonly JsonSerializerOptions OneLine = new(Wire.Json) { WriteIndented = false };

    public static void Map(WebApplication app)
        => app.MapGet("/api/v1/events", StreamAsync).ForAgentsAndPeople("approvals", "decisions").Produces(200, contentType: "text/event-stream").WithName("events");

    private static async Task<IResult> StreamAsync(HttpContext http, EventFeed feed, EventTail tail, StandingCallers standing, Signals signals, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        long? last = null;
        if (http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } sent)
        {
            if (!long.TryParse(sent, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) return Fault.Invalid("field.invalid", "Last-Event-ID must be the id of an earlier event.", "Last-Event-ID").ToHttp();
            last = seq;
        }
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await RunAsync(http, feed, tail, standing, signals, time, last, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // the listener left, or the console stops: they come back with Last-Event-ID
        }
        return Results.Empty;
    }

    private static async Task RunAsync(HttpContext http, EventFeed feed, EventTail tail, StandingCallers standing, Signals signals, TimeProvider time, long? last, CancellationToken ct)
    {
        var (agent, person) = (http.Agent(), http.Person());
        using var listener = await tail.ListenAsync(last, ct);
        // Whether the caller still may is asked again when authority has moved; another instance's word on that can come after the log's.
        using var onState = signals.Subscribe("state", listener.WakeAsync);
        var response = http.Response;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.WriteAsync($"retry: 3000\nid: {listener.At.ToString(CultureInfo.InvariantCulture)}\n\n", ct);
        await response.Body.FlushAsync(ct);
        while (true)
        {
            var left = (agent is not null ? standing.Until(agent) : standing.Until(person!)) - time.GetUtcNow();
            var news = await listener.NextAsync(left < KeepAlive ? left.Value : KeepAlive, ct);
            if (news is null)
            {
                await response.WriteAsync(": still here\n\n", ct);
                await response.Body.FlushAsync(ct);
            }
            if (agent is not null ? !standing.Still(agent) : (person = standing.Still(person!)) is null) return;
            if (news is null) continue;
            var stretch = agent is not null ? feed.For(agent, news) : feed.For(person!, news);
            foreach (var e in stretch.Events)
                await response.WriteAsync($"id: {e.Seq.ToString(CultureInfo.InvariantCulture)}\nevent: {e.Event}\ndata: {JsonSerializer.Serialize(new EventData(e.DecisionId, e.Event, e.At, e.Outcome), OneLine)}\n\n", ct);
            if (stretch.Events.Count > 0) await response.Body.FlushAsync(ct);
        }
    }

    /// <summary>The data of an event.</summary>
    public sealed record EventData(string DecisionId, string Event, DateTimeOffset At, string? Outcome);
}
