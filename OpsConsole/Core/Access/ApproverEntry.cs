namespace OpsConsole.Core.Access;

/// <summary>An approver entry as the wire has it: <c>user:</c> and an e-mail, or <c>group:</c> and a name.</summary>
public static class ApproverEntry
{
    public const string User = "user:", Group = "group:";

    public static bool IsUser(string approver) => approver.StartsWith(User, StringComparison.Ordinal);
    public static bool IsGroup(string approver) => approver.StartsWith(Group, StringComparison.Ordinal);

    /// <summary>The e-mail or the group's name alone.</summary>
    public static string Bare(string approver) => IsUser(approver) ? approver[User.Length..] : IsGroup(approver) ? approver[Group.Length..] : approver;
}
