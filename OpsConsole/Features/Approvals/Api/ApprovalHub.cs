using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;
using OpsConsole.Core.Access;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Realtime;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Approvals.Api;

/// <summary>
/// <c>/hubs/approvals</c> for clients outside Blazor. The server sends <c>requested</c> with each new request (<see cref="NewRequest"/>) to whoever may see it, and <c>changed</c> without data
/// to everybody whenever anything moved, at most ten times a second; clients pull with <c>List</c> (<c>ListAfter</c> for further pages) and <c>Get</c>, and decide with <c>Decide</c>. Answers are those of the HTTP API; refusals are <c>{ "error": { code, message } }</c>.
/// A connection ends with the token that opened it.
/// </summary>
internal sealed class ApprovalHub(ApprovalInbox inbox, ApprovalService approvals, AskBackDesk questions, StandingCallers callers, ApprovalHubFeed feed) : Hub
{
    public override Task OnConnectedAsync()
    {
        feed.Opened(Context);
        return base.OnConnectedAsync();
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        feed.Closed(Context);
        return base.OnDisconnectedAsync(exception);
    }

    public Task<object> List() => ListAfter(null);

    // A method of its own: hubs know neither overloads nor arguments that may be left out.
    public async Task<object> ListAfter(string? after)
    {
        if (Me() is not { } me) return Gone();
        var page = await inbox.ListAsync(me, Core.Approvals.ApprovalStatus.Pending, null, after, 100, Context.ConnectionAborted);
        return page.Fault is { } fault ? Error(fault) : JsonSerializer.SerializeToElement(page.Value, Wire.Json);
    }

    public async Task<object> Get(string id)
    {
        if (Me() is not { } me) return Gone();
        var view = await inbox.FindAsync(me, id, Context.ConnectionAborted);
        return view.Fault is { } fault ? Error(fault) : JsonSerializer.SerializeToElement(view.Value, Wire.Json);
    }

    public async Task<object> Decide(string id, JsonElement decision)
    {
        if (Me() is not { } me) return Gone();
        var read = StrictJson.Parse(decision);   // SignalR's own parser takes a key twice and 64 levels
        if (read.Fault is { } unreadable) return Error(unreadable);
        var said = ApprovalEndpoints.Read(read.Value);
        if (said.Fault is { } invalid) return Error(invalid);
        var view = await ApprovalEndpoints.TakeAsync(me, id, said.Value, approvals, questions, Context.ConnectionAborted);
        return view.Fault is { } fault ? Error(fault) : JsonSerializer.SerializeToElement(view.Value, Wire.Json);
    }

    // The connection may outlive the token: who calls is asked again with every call.
    private PersonCaller? Me() => Context.GetHttpContext()?.Person() is { } known ? callers.Still(known) : null;

    private object Gone()
    {
        Context.Abort();
        return Error(new Core.Shared.Fault(Core.Shared.FaultKind.Unauthenticated, "unauthenticated", "The token was revoked or has expired."));
    }

    private static object Error(Core.Shared.Fault fault) => new { error = new { code = fault.Code, message = fault.Message, field = fault.Field } };
}

/// <summary>
/// The hub's open connections: tells them of new requests and passes 'approvals' signals to them, and cuts those whose token was revoked or has expired. Revocations are signals;
/// each connection is looked at every two seconds besides, because nothing signals that a token's time is over.
/// </summary>
internal sealed partial class ApprovalHubFeed(IHubContext<ApprovalHub> hub, Signals signals, StandingCallers callers, NewRequests requests, TimeProvider time, ILogger<ApprovalHubFeed> log) : IHostedService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);
    /// <summary>Telling a thousand connections takes every processor: whoever asked has its answer before that. By the machine's clock, because it is about the machine.</summary>
    private static readonly TimeSpan AnswerFirst = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<string, (HubCallerContext Connection, ITimer Timer)> _open = new();
    private readonly List<IDisposable> _subscriptions = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscriptions.Add(signals.Subscribe("approvals", TellAsync));
        _subscriptions.Add(signals.Subscribe("state", () =>
        {
            foreach (var (connection, _) in _open.Values) Look(connection);
            if (requests.Waits) signals.Publish("approvals");
            return Task.CompletedTask;
        }));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var subscription in _subscriptions) subscription.Dispose();
        return Task.CompletedTask;
    }

    private async Task TellAsync()
    {
        try
        {
            if (!_open.IsEmpty)
            {
                await Task.Delay(AnswerFirst);
                var people = _open.Values.Select(o => (o.Connection.ConnectionId, Person: o.Connection.GetHttpContext()?.Person() is { } known ? callers.Still(known)?.Person : null)).Where(o => o.Person is not null).ToLookup(o => o.Person!, o => o.ConnectionId);
                foreach (var (request, who) in await requests.NextAsync([.. people.Select(p => p.Key)]))
                    await hub.Clients.Clients([.. who.SelectMany(p => people[p])]).SendAsync("requested", JsonSerializer.SerializeToElement(request, Wire.Json));
            }
        }
        catch (Exception e)
        {
            LogUntold(e);   // 'changed' comes all the same, and whoever pulls has it
        }
        await hub.Clients.All.SendAsync("changed");
    }

    public void Opened(HubCallerContext connection)
    {
        // Nobody listened so far: what was asked meanwhile is no news to whoever comes now.
        if (_open.IsEmpty) requests.StartFrom(time.GetUtcNow());
        _open[connection.ConnectionId] = (connection, time.CreateTimer(_ => Look(connection), null, LookAgain, LookAgain));
        Look(connection);   // revoked between the handshake and here
    }

    public void Closed(HubCallerContext connection)
    {
        if (_open.TryRemove(connection.ConnectionId, out var open)) open.Timer.Dispose();
    }

    private void Look(HubCallerContext connection)
    {
        if (connection.GetHttpContext()?.Person() is not { } known || callers.Still(known) is null) connection.Abort();
    }

    [LoggerMessage(2141, LogLevel.Warning, "New requests were not told to the hub's clients; they were told that something changed")]
    private partial void LogUntold(Exception e);
}
