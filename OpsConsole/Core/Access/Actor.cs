namespace OpsConsole.Core.Access;

/// <summary>Who did something, as it goes on record. <paramref name="Auth"/> says how they proved it: <c>session</c>, <c>password</c>, <c>token:…</c>, <c>key:…</c>, <c>invitation</c>, <c>setup</c>, <c>command</c>, <c>system</c>.</summary>
/// <param name="Type"><c>person</c>, <c>agent</c> or <c>system</c>.</param>
public sealed record Actor(string Type, string Id, string Auth)
{
    public static readonly Actor System = new("system", "console", "system");
    public static Actor Person(string id, string auth = "session") => new("person", id, auth);
    public static Actor Agent(string id, string keyId) => new("agent", id, "key:" + keyId);
}
