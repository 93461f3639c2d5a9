using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace OpsConsole.Core.Access;

/// <summary>A person as the rules see them.</summary>
/// <param name="Groups">Ids of the groups they are in.</param>
/// <param name="Joined">Has set a password: an invitation that was not accepted yet decides nothing.</param>
/// <param name="Simulated">Made up for the demo.</param>
/// <param name="Zone">Null: they never said, and UTC is used.</param>
/// <param name="Hours">Null: always at work.</param>
public sealed record PersonEntry(string Id, string Email, string Name, ConsoleRoles Roles, bool Disabled, bool Joined, string SecurityStamp, FrozenSet<string> Groups, bool Simulated = false, TimeZoneInfo? Zone = null, WorkingHours? Hours = null)
{
    public bool Is(ConsoleRoles role) => (Roles & role) != 0;
    public bool Active => !Disabled && Joined;
}

public sealed record GroupEntry(string Id, string Name, IReadOnlyList<string> MemberIds);

/// <summary>A live credential: the hash of its secret and what it stands for.</summary>
/// <param name="OwnerId">The agent of a key, the person of a token.</param>
public sealed record CredentialEntry(string Id, string OwnerId, byte[] SecretHash, DateTimeOffset? ExpiresAt, FrozenSet<string> Scopes)
{
    public bool Live(DateTimeOffset now) => ExpiresAt is null || now < ExpiresAt;
}

/// <summary>People, groups and credentials in memory: a cache of the database, replaced whole.</summary>
public sealed class PeopleDirectory(IReadOnlyList<PersonEntry> people, IReadOnlyList<GroupEntry> groups, IReadOnlyList<CredentialEntry> agentKeys, IReadOnlyList<CredentialEntry> personalTokens, IReadOnlyList<string>? endedSessions = null, IReadOnlyList<AbsenceEntry>? absences = null)
{
    public static readonly PeopleDirectory Empty = new([], [], [], []);

    public FrozenDictionary<string, PersonEntry> People { get; } = people.ToFrozenDictionary(p => p.Id);
    public FrozenDictionary<string, PersonEntry> ByEmail { get; } = people.Where(p => p.Email.Length > 0).ToFrozenDictionary(p => p.Email, StringComparer.OrdinalIgnoreCase);
    public FrozenDictionary<string, GroupEntry> Groups { get; } = groups.ToFrozenDictionary(g => g.Id);
    public FrozenDictionary<string, GroupEntry> GroupsByName { get; } = groups.ToFrozenDictionary(g => g.Name, StringComparer.OrdinalIgnoreCase);
    public FrozenDictionary<string, CredentialEntry> AgentKeys { get; } = agentKeys.ToFrozenDictionary(k => k.Id);
    public FrozenDictionary<string, CredentialEntry> PersonalTokens { get; } = personalTokens.ToFrozenDictionary(k => k.Id);
    /// <summary>Names of browser sessions that were signed out of and would not be over yet.</summary>
    public FrozenSet<string> EndedSessions { get; } = (endedSessions ?? []).ToFrozenSet();

    /// <summary>Times away that are not over, by person.</summary>
    private readonly FrozenDictionary<string, AbsenceEntry[]> _absences = (absences ?? []).GroupBy(a => a.PersonId).ToFrozenDictionary(g => g.Key, g => g.ToArray());
    private readonly FrozenDictionary<string, AbsenceEntry[]> _delegated = (absences ?? []).Where(a => a.DelegateId is not null).GroupBy(a => a.DelegateId!).ToFrozenDictionary(g => g.Key, g => g.ToArray());

    /// <summary>Whether anybody stated working hours: without, nothing depends on them.</summary>
    public bool AnybodyKeepsHours { get; } = people.Any(p => p.Hours is not null);

    /// <summary>The absence that keeps somebody away at this moment; they never overlap.</summary>
    public AbsenceEntry? Away(string personId, DateTimeOffset now) => _absences.TryGetValue(personId, out var away) ? Array.Find(away, a => a.Covers(now)) : null;

    public bool AwayBetween(string personId, DateTimeOffset from, DateTimeOffset until) => _absences.TryGetValue(personId, out var away) && Array.Exists(away, a => a.From < until && from < a.Until);

    /// <summary>Who is away at this moment and left it to this person to decide.</summary>
    public IEnumerable<PersonEntry> StoodInForBy(string personId, DateTimeOffset now)
        => _delegated.TryGetValue(personId, out var given) ? given.Where(a => a.Covers(now) && People.ContainsKey(a.PersonId)).Select(a => People[a.PersonId]) : [];

    /// <summary>Everybody to whom somebody who is away at this moment left it to decide.</summary>
    public IEnumerable<PersonEntry> Delegates(DateTimeOffset now)
        => _delegated.Where(d => d.Value.Any(a => a.Covers(now)) && People.ContainsKey(d.Key)).Select(d => People[d.Key]);

    /// <summary>The next moment after <paramref name="after"/> at which somebody goes or is back; null: none is known.</summary>
    public DateTimeOffset? NextComingOrGoing(DateTimeOffset after)
        => _absences.Values.SelectMany(a => a).SelectMany(a => (DateTimeOffset[])[a.From, a.Until]).Where(at => at > after).Select(at => (DateTimeOffset?)at).Min();

    /// <summary>Whether an approver entry (<c>user:…</c>, <c>group:…</c>) names this person.</summary>
    public bool Names(string approver, PersonEntry person)
        => ApproverEntry.IsUser(approver) ? string.Equals(ApproverEntry.Bare(approver).Trim(), person.Email, StringComparison.OrdinalIgnoreCase)
         : ApproverEntry.IsGroup(approver) && GroupsByName.TryGetValue(ApproverEntry.Bare(approver), out var group) && person.Groups.Contains(group.Id);

    /// <summary>The people an approver entry names; empty when the console does not know it.</summary>
    public IEnumerable<PersonEntry> Resolve(string approver)
        => ApproverEntry.IsUser(approver) ? ByEmail.TryGetValue(ApproverEntry.Bare(approver).Trim(), out var one) ? [one] : []
         : ApproverEntry.IsGroup(approver) && GroupsByName.TryGetValue(ApproverEntry.Bare(approver), out var group) ? group.MemberIds.Where(People.ContainsKey).Select(id => People[id])
         : [];

    /// <summary>What an approver entry is called: the person's name, the group's; what it says where nobody is known.</summary>
    public string Called(string approver) => ApproverEntry.IsUser(approver) && Resolve(approver).FirstOrDefault() is { } person ? person.Name : ApproverEntry.Bare(approver);

    /// <summary>The person with exactly this e-mail (compared without case) or id; spaces around it do not count. Null: nobody.</summary>
    public PersonEntry? Find(string emailOrId) => ByEmail.GetValueOrDefault(emailOrId.Trim()) ?? People.GetValueOrDefault(emailOrId.Trim());

    /// <summary>
    /// The person that free text means by an e-mail or id, generously: also <c>Dana &lt;dana@example.com&gt;</c>, other forms of the same letters (NFKC) and with invisible characters in it.
    /// For holding somebody back, never for letting them in.
    /// </summary>
    public PersonEntry? Meant(string words)
    {
        if (Find(words) is { } exact) return exact;
        if (!words.IsNormalized(NormalizationForm.FormKC)) words = words.Normalize(NormalizationForm.FormKC);
        words = string.Concat(words.Where(c => !char.IsWhiteSpace(c) && !char.IsControl(c) && char.GetUnicodeCategory(c) != UnicodeCategory.Format));
        if (words.LastIndexOf('<') is >= 0 and var open && words.IndexOf('>', open) is > 0 and var close) words = words[(open + 1)..close];
        return Find(words.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) || words.StartsWith("user:", StringComparison.OrdinalIgnoreCase) ? words[(words.IndexOf(':') + 1)..] : words);
    }

    public string NameOf(string personId) => People.TryGetValue(personId, out var person) ? person.Name : personId;
}
