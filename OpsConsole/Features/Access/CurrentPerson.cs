using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

/// <summary>Who looks at this page, with the roles they have now. Ask anew in every event handler: what was allowed a minute ago may not be any more.</summary>
public sealed class CurrentPerson(AuthenticationStateProvider provider, DurableWriter writer, TimeProvider time)
{
    internal static readonly Fault Ended = new(FaultKind.Unauthenticated, "session.ended", "You are no longer signed in. Nothing was changed; sign in again.");

    /// <summary>The person, or null when nobody is signed in or the session no longer holds.</summary>
    public async Task<PersonCaller?> GetAsync()
        => Sessions.Caller((await provider.GetAuthenticationStateAsync()).User, writer.State, time.GetUtcNow());

    /// <summary>The person, or the fault that says that nobody is signed in.</summary>
    public async Task<Result<PersonCaller>> RequireAsync()
        => await GetAsync() is { } person ? person : Ended;
}

/// <summary>What a page asks of the roles of whoever is signed in; answered from the present state.</summary>
internal sealed record RoleRequirement(Func<PersonEntry, bool> May) : IAuthorizationRequirement;

internal sealed class RoleRequirementHandler(DurableWriter writer, TimeProvider time) : AuthorizationHandler<RoleRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RoleRequirement requirement)
    {
        if (Sessions.Holder(context.User, writer.State, time.GetUtcNow()) is { } person && requirement.May(person)) context.Succeed(requirement);
        return Task.CompletedTask;
    }
}

/// <summary>Names for <c>[Authorize(Policy = …)]</c> and <c>NavEntry.Policy</c>.</summary>
public static class PagePolicies
{
    public const string Admin = "admin";
    /// <summary>Sees who is here: admins, facilitators, sponsors, auditors.</summary>
    public const string People = "people";
    public const string Audit = "audit";
    /// <summary>May create rollouts: admins and facilitators.</summary>
    public const string Facilitator = "facilitator";

    internal static void Configure(AuthorizationOptions options)
    {
        Add(Admin, Permissions.IsAdmin);
        Add(People, Permissions.SeesAll);
        Add(Audit, Permissions.MayReadAudit);
        Add(Facilitator, Permissions.MayCreateRollout);
        options.DefaultPolicy = Policy(p => p.Active);

        void Add(string name, Func<PersonEntry, bool> may) => options.AddPolicy(name, Policy(may));
        static AuthorizationPolicy Policy(Func<PersonEntry, bool> may) => new AuthorizationPolicyBuilder().RequireAuthenticatedUser().AddRequirements(new RoleRequirement(may)).Build();
    }
}
