using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;
using OpsConsole.Core.Access;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Realtime;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Approvals.Api;

/// <summary>
/// <c>/hubs/approvals</c> for clients outside Blazor. The server sends <c>changed</c> without data, at most ten times a second; clients pull with <c>List</c>
/// and <c>Get</c>, and decide with <c>Decide</c>. Answers are those of the HTTP API; refusals are <c>{ "error": { code, message } }</c>.
/// </summary>
internal sealed class ApprovalHub(ApprovalInbox inbox, ApprovalService approvals, StandingCallers callers) : Hub
{
    public async Task<object> List(string? after = null)
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
        if (JsonGuard.Check(decision) is { } unsafeBody) return Error(unsafeBody);
        var request = ApprovalEndpoints.Read(decision);
        if (request.Fault is { } invalid) return Error(invalid);
        var view = await approvals.DecideAsync(me, id, request.Value);
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

/// <summary>Passes 'approvals' signals to the hub's clients.</summary>
internal sealed class ApprovalHubFeed(IHubContext<ApprovalHub> hub, Signals signals) : IHostedService
{
    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = signals.Subscribe("approvals", () => hub.Clients.All.SendAsync("changed"));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }
}
